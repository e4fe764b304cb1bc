"""Gives an HTTP API the routes, the authorizers and the CORS answers of its OpenAPI body.

AWS reads them from the body that SAM makes of AWS::Serverless::HttpApi; ministack takes the resource and drops the body.
"""

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners
from replaced import present

present(apigateway, "_routes", "_integrations", "_authorizers", "_update_api")
present(
    provisioners,
    "_RESOURCE_HANDLERS",
    "_apigw_v2_authorizer_create",
    "_apigw_v2_integration_create",
    "_apigw_v2_route_create",
)

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method")


def _authorizers(api_id, body):
    """The authorizers of the body's security schemes: their ids by name."""
    schemes = (body.get("components") or {}).get("securitySchemes") or {}
    found = {}
    for name, scheme in schemes.items():
        authorizer = scheme["x-amazon-apigateway-authorizer"]
        jwt = authorizer["jwtConfiguration"]
        properties = {
            "ApiId": api_id,
            "Name": name,
            "AuthorizerType": authorizer["type"].upper(),
            "IdentitySource": [authorizer["identitySource"]],
            "JwtConfiguration": {"Audience": jwt["audience"], "Issuer": jwt["issuer"]},
        }
        found[name], _ = provisioners._apigw_v2_authorizer_create(name, properties, "")
    return found


def _route(api_id, key, operation, authorizers):
    integration = operation["x-amazon-apigateway-integration"]
    properties = {
        "ApiId": api_id,
        "IntegrationType": integration["type"].upper(),
        "IntegrationUri": integration["uri"],
        "PayloadFormatVersion": integration["payloadFormatVersion"],
    }
    target, _ = provisioners._apigw_v2_integration_create(key, properties, "")
    route = {"ApiId": api_id, "RouteKey": key, "Target": f"integrations/{target}"}
    for requirement in operation.get("security") or []:
        for name, scopes in requirement.items():
            # SAM's word for a route that is open to all. It has no scheme of that name.
            if name == "NONE":
                continue
            route |= {"AuthorizationType": "JWT", "AuthorizerId": authorizers[name], "AuthorizationScopes": scopes}
    provisioners._apigw_v2_route_create(key, route, "")


def _read(api_id, properties):
    body = properties.get("Body")
    if not body:
        return
    for kept in (apigateway._routes, apigateway._integrations, apigateway._authorizers):
        kept[api_id] = {}
    authorizers = _authorizers(api_id, body)
    for path, operations in body["paths"].items():
        for method in METHODS:
            if method in operations:
                verb = "ANY" if method.startswith("x-") else method.upper()
                _route(api_id, f"{verb} {path}", operations[method], authorizers)
    cors = body.get("x-amazon-apigateway-cors")
    if cors:
        apigateway._update_api(api_id, {"corsConfiguration": cors})


def repair():
    """Puts the reading of bodies behind the resource's own handlers."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create, update = handlers["create"], handlers["update"]

    def created(logical_id, properties, stack_name):
        api_id, attributes = create(logical_id, properties, stack_name)
        _read(api_id, properties)
        return api_id, attributes

    def updated(physical_id, old, new, stack_name, logical_id=None):
        api_id, attributes = update(physical_id, old, new, stack_name, logical_id)
        _read(api_id, new)
        return api_id, attributes

    handlers |= {"create": created, "update": updated}
