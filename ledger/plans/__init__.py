"""Reading Chinese government plans: from the text of a document to its tasks, bodies and due dates."""
