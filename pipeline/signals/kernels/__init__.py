"""Compiled passes over the UTF-8 bytes of many documents at once."""
