"""What to print, for whom, when: papers are collected, editions planned, and each delivered once."""
