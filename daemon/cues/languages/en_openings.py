"""How an English sentence may start before its verb: "Mike, ", "And so "."""

LEAD = (
    r"^(?:(?:also|and|so|then|but|or|ok|okay|well|btw|anyway|meanwhile|thanks|now|if not|ps|p\.s\."
    r"|in the meantime|(?:[a-z]+(?:,? (?:and |& )?[a-z]+)?))[,:.\u2014-]+ ?|(?:and|so|but|or) )?"
)
