"""End users of the apps, as far as they have passed through this site: Dify's API lists none."""
