"""What a change does: ``kg diff`` and ``kg impact``, before anyone else sees it."""
