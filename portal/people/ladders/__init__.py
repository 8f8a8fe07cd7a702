"""Broken ladders: where a duty could not go up the line of command as it should. Nothing is lost by it: whoever is missing is passed over,
and at the top is a desk. But each gap sends somebody's report further from them than it should go.

`findings.look()` computes all of it in sets; `views` shows it to professional standards and, with links that mend, to administrators.
"""
