"""Why an amount of a run is what it is: the rule, the plan value with its source, the quantities, and what is open."""
