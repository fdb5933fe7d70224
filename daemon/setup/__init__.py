"""An e-mail address and a few answers -> settings that work: questions, and what follows of them.

Nothing here asks, reads or writes anything; ``daemon.cli`` does.
"""
