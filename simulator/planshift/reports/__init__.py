"""Reports: from a ledger to tables, sentences and folders of files."""
