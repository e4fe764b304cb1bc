"""Prints the ID token of somebody who has just signed in."""

import cloud

print(cloud.Api().token)
