"""Models a recipe can name: their settings, without Torch, so that a recipe parses in no time."""
