// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Controllers.Definitions.Issuance.Schemas.CommonSchemas;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>The field <c>dns01</c> of solvers.</summary>
internal static class DnsSolverSchema
{
    public static JsonObject Create() => Object(
        "By a TXT record: exactly one of the providers.",
        ("cnameStrategy", OneOf("Whether CNAMEs are followed to the zone that is changed.", "None", "Follow")),
        ("nameservers", Texts("DNS servers that are asked whether the record is there, as host:port.")),
        ("rfc2136", Object(
            "Dynamic updates (RFC 2136).",
            ("nameserver!", Text("The zone's primary server as host:port; port 53 where it is left out, IPv6 in brackets.")),
            ("tsigKeyName", Text("Name of the TSIG key.")),
            ("tsigSecretSecretRef", SecretKey("Where the TSIG key stands.")),
            ("tsigAlgorithm", Text("HMACMD5 (the usual), HMACSHA1, HMACSHA256 or HMACSHA512.")),
            ("protocol", OneOf("How the server is reached; UDP where it is left out.", "TCP", "UDP")))),
        ("webhook", Object(
            "A webhook in the cluster.",
            ("groupName!", Text("Its API group.")),
            ("solverName!", Text("Its name in that group.")),
            ("config", Anything("Settings that are handed to it.")))),
        ("acmeDNS", Object(
            "acme-dns.",
            ("host!", Text("Its address.")),
            ("accountSecretRef!", SecretKey("Where its accounts stand.")),
            ("caBundle", Bytes("CAs in PEM by which it is verified.")))),
        ("akamai", Object(
            "Akamai.",
            ("serviceConsumerDomain!", Text("Host of the API.")),
            ("clientTokenSecretRef!", SecretKey("Where the client token stands.")),
            ("clientSecretSecretRef!", SecretKey("Where the client secret stands.")),
            ("accessTokenSecretRef!", SecretKey("Where the access token stands.")))),
        ("azureDNS", Azure()),
        ("cloudDNS", Object(
            "Google Cloud DNS.",
            ("project!", Text("The project.")),
            ("hostedZoneName", Text("The zone; found where it is left out.")),
            ("serviceAccountSecretRef", SecretKey("Where the service account's key stands.")))),
        ("cloudflare", Object(
            "Cloudflare: either a token or a key.",
            ("email", Text("The account's mail address, with a key.")),
            ("apiTokenSecretRef", SecretKey("Where the API token stands.")),
            ("apiKeySecretRef", SecretKey("Where the API key stands.")))),
        ("digitalocean", Object("DigitalOcean.", ("tokenSecretRef!", SecretKey("Where the token stands.")))),
        ("route53", Route53()));

    private static JsonObject Azure() => Object(
        "Azure DNS.",
        ("subscriptionID!", Text("The subscription.")),
        ("resourceGroupName!", Text("The resource group of the zone.")),
        ("hostedZoneName", Text("The zone.")),
        ("zoneType", OneOf("Type of the zone.", "AzurePublicZone", "AzurePrivateZone")),
        ("environment", OneOf("The cloud; AzurePublicCloud where it is left out.",
            "AzurePublicCloud", "AzureChinaCloud", "AzureGermanCloud", "AzureUSGovernmentCloud")),
        ("clientID", Text("A service principal's client id.")),
        ("tenantID", Text("The service principal's tenant.")),
        ("clientSecretSecretRef", SecretKey("Where the service principal's password stands.")),
        ("managedIdentity", Object(
            "A managed identity, instead of a service principal.",
            ("clientID", Text("Its client id.")),
            ("resourceID", Text("Its resource id, instead of the client id.")),
            ("tenantID", Text("Its tenant.")))));

    private static JsonObject Route53() => Object(
        "AWS Route 53.",
        ("region", Text("The region.")),
        ("hostedZoneID", Text("The zone; found where it is left out.")),
        ("role", Text("A role to take on.")),
        ("accessKeyID", Text("The access key's id.")),
        ("accessKeyIDSecretRef", SecretKey("Where the access key's id stands, instead.")),
        ("secretAccessKeySecretRef", SecretKey("Where the access key stands.")),
        ("auth", Object(
            "How to authenticate.",
            ("kubernetes!", Object(
                "With the token of a service account.",
                ("serviceAccountRef!", ServiceAccount()))))));

    public static JsonObject ServiceAccount() => Object(
        "The service account.",
        ("name!", Text("Its name.")),
        ("audiences", Texts("Audiences of the token.")));
}
