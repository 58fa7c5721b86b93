"""The protocols in which the house is harvested, linked and crawled: one endpoint each, for what systems register."""
