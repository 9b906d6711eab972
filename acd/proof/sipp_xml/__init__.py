"""SIPp scenarios as XML, filled in by ``acd.proof.scenarios``."""
