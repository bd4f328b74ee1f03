"""`lianxi rehearse`: a whole conference on a virtual clock, with synthetic people, and an independent check of who was reminded when.

stage.py holds the desk, the sandbox and the clock; cast.py the people; acts.py, units.py and office.py what they do, play.py when;
journal.py what was done and what arrived, read by reading.py; check.py what should have arrived; page.py the table; command.py the command.
"""
