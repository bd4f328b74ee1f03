"""`lianxi rehearse`: a whole conference on a virtual clock, with synthetic people, and an independent check of who was reminded when.

stage.py holds the desk, the sandbox and the clock; cast.py the people; play.py what they do; journal.py what was done and what
arrived; check.py what should have arrived; page.py the table; command.py the command.
"""
