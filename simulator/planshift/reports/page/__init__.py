"""The one page: from what a renewal found to a page for people, in their language, as HTML and as PDF."""
