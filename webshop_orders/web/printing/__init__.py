"""What is printed: a page of HTML, whose layout on paper is in static/print.css."""
