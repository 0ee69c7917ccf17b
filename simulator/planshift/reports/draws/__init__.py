"""What many draws look like: percentiles, chances, fans, and the detail of the first draws."""
