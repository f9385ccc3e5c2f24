"""What measures: each file is a program that prints JSON."""
