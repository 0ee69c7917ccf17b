"""The page that lays generated usage beside published figures."""
