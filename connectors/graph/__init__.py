"""What the connector to Microsoft 365 and outlook.com is made of: mail, calendars, contacts."""
