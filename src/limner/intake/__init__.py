"""Files and messages become full events: mapped, cleaned, every row accounted for."""
