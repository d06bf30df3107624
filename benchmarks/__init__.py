"""`python -m benchmarks`: this site beside a plain `st.write_stream` page, same browser, same upstream."""
