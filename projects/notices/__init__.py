"""消息提醒: who is told what, and how it gets to them.

`telling` keeps a message and the ways it shall go, `sending` carries it out in the background, one file per
way. Nothing leaves the server until a way is configured (hvcollege/partners.py).
"""
