"""From observations to a digest: who the owner is in touch with, and what to give them.

The flow is interactions -> people -> cues -> ties -> suggestions -> digest -> delivery
-> (a reply) -> commands -> decisions, and decisions are input to the next round.
"""
