"""How a run ends: its marks and lease while it works, its leaving in time, its last words."""
