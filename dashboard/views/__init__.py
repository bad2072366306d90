"""One page a file (the folder is not called `pages`: that name is magic in Streamlit)."""
