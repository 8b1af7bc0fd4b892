"""The communication center: sealed messages and documents between partners, agencies and OCSS."""
