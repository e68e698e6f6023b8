"""Checks the token of a letter: python check_invitation.py TOKEN < SECRET"""

import sys

import jwt  # pip install pyjwt


def checked(token: str, secret: str, kind: str = "invitation") -> dict[str, str]:
    """The firm and the contact whom a letter was for; raises `jwt.InvalidTokenError`."""
    if jwt.get_unverified_header(token).get("typ") != "invitation+jwt":
        raise jwt.InvalidTokenError("not the token of a letter")
    return jwt.decode(
        token,
        secret,
        algorithms=["HS256"],
        issuer="carryover",
        audience=f"carryover:{kind}",
        options={"require": ["exp", "sub", "firm"]},
    )


if __name__ == "__main__":
    claims = checked(sys.argv[1], sys.stdin.read().strip())
    print(claims["firm"], claims["sub"])
