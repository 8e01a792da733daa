"""What people look at. Pages are drawn from data frames of published marts; no connection is opened here."""
