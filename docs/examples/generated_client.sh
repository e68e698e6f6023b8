curl -sS -o openapi.json "$CARRYOVER_URL/api/v1/openapi.json"
openapi-python-client generate --fail-on-warning --config generated_client.yml --meta none \
  --path openapi.json --output-path carryover_api
