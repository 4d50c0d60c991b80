// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Pki.Paths;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>The field <c>dns01</c> of solvers: one provider, completely.</summary>
internal static class DnsSolverRules
{
    private static readonly (string Name, Func<JsonObject, FieldPath, IEnumerable<FieldError>> Check)[] Providers =
    [
        ("akamai", Akamai),
        ("azureDNS", Azure),
        ("cloudDNS", CloudDns),
        ("cloudflare", Cloudflare),
        ("route53", Route53),
        ("acmeDNS", AcmeDns),
        ("digitalocean", (provider, path) => FieldRules.SecretKey(provider.Map("tokenSecretRef"), path.Child("tokenSecretRef"))),
        ("rfc2136", Update),
        ("webhook", (provider, path) => FieldRules.Required(provider, "solverName", path, "solver name must be specified")),
    ];

    private static readonly string[] TsigAlgorithms = ["HMACMD5", "HMACSHA1", "HMACSHA256", "HMACSHA512"];

    public static IEnumerable<FieldError> Check(JsonObject dns, FieldPath path)
    {
        var configured = Providers.Where(provider => dns.Map(provider.Name) is not null).ToList();
        return
        [
            .. configured is [var first, ..] ? first.Check(dns.Map(first.Name) ?? [], path.Child(first.Name)) : [],
            .. configured.Skip(1).Select(provider => path.Child(provider.Name).Forbidden("may not specify more than one provider type")),
            .. configured.Count == 0 ? [path.Required("no DNS01 provider configured")] : Array.Empty<FieldError>(),
            .. dns.Texts("nameservers").Index().Where(server => !IsServer(server.Item))
                .Select(server => path.Child("nameservers").Index(server.Index).Invalid(server.Item, ServerForm)),
        ];
    }

    private const string ServerForm = "nameserver must be set in the form host:port where host is an IPv4 address, an enclosed "
        + "IPv6 address or a hostname and port is an optional port number.";

    private static IEnumerable<FieldError> Akamai(JsonObject provider, FieldPath path) =>
    [
        .. FieldRules.SecretKey(provider.Map("accessTokenSecretRef"), path.Child("accessTokenSecretRef")),
        .. FieldRules.SecretKey(provider.Map("clientSecretSecretRef"), path.Child("clientSecretSecretRef")),
        .. FieldRules.SecretKey(provider.Map("clientTokenSecretRef"), path.Child("clientTokenSecretRef")),
        .. FieldRules.Required(provider, "serviceConsumerDomain", path),
    ];

    private static IEnumerable<FieldError> Azure(JsonObject provider, FieldPath path)
    {
        var identity = provider.Map("managedIdentity");
        var principal = provider.Has("clientID") || provider.Has("tenantID") || provider.Has("clientSecretSecretRef");
        return
        [
            .. principal ? AzurePrincipal(provider, path) : identity is null ? [] : AzureIdentity(identity, path.Child("managedIdentity")),
            .. FieldRules.Required(provider, "subscriptionID", path),
            .. FieldRules.Required(provider, "resourceGroupName", path),
        ];
    }

    private static IEnumerable<FieldError> AzurePrincipal(JsonObject provider, FieldPath path) =>
    [
        .. FieldRules.Required(provider, "clientID", path),
        .. provider.Map("clientSecretSecretRef") is { } secret
            ? FieldRules.SecretKey(secret, path.Child("clientSecretSecretRef"))
            : [path.Child("clientSecretSecretRef").Required()],
        .. FieldRules.Required(provider, "tenantID", path),
        .. provider.Has("managedIdentity")
            ? [path.Child("managedIdentity").Forbidden(
                "managed identity cannot be used at the same time as clientID, clientSecretSecretRef or tenantID")]
            : Array.Empty<FieldError>(),
    ];

    private static IEnumerable<FieldError> AzureIdentity(JsonObject identity, FieldPath path)
    {
        var (client, resource, tenant) = (identity.Text("clientID"), identity.Text("resourceID"), identity.Text("tenantID"));
        if (client.Length > 0 && resource.Length > 0)
            yield return path.Forbidden("managedIdentityClientID and managedIdentityResourceID cannot both be specified");
        if (tenant.Length > 0 && resource.Length > 0)
            yield return path.Forbidden("managedIdentityTenantID and managedIdentityResourceID cannot both be specified");
        if (tenant.Length > 0 && client.Length == 0)
            yield return path.Required("managedIdentityClientID is required when using managedIdentityTenantID");
    }

    private static IEnumerable<FieldError> CloudDns(JsonObject provider, FieldPath path) =>
    [
        .. provider.Map("serviceAccountSecretRef") is { } account
            ? FieldRules.SecretKey(account, path.Child("serviceAccountSecretRef")) : [],
        .. FieldRules.Required(provider, "project", path),
    ];

    private static IEnumerable<FieldError> Cloudflare(JsonObject provider, FieldPath path) =>
        (provider.Map("apiKeySecretRef"), provider.Map("apiTokenSecretRef")) switch
        {
            (null, null) => [path.Required("apiKeySecretRef or apiTokenSecretRef is required")],
            ({ }, { }) => [path.Forbidden("apiKeySecretRef and apiTokenSecretRef cannot both be specified")],
            ({ } key, _) =>
                [.. FieldRules.SecretKey(key, path.Child("apiKeySecretRef")), .. FieldRules.Required(provider, "email", path)],
            (_, var token) => FieldRules.SecretKey(token, path.Child("apiTokenSecretRef")),
        };

    private static IEnumerable<FieldError> Route53(JsonObject provider, FieldPath path) =>
    [
        .. provider.Has("accessKeyID") && provider.Has("accessKeyIDSecretRef")
            ? [path.Required("accessKeyID and accessKeyIDSecretRef cannot both be specified")] : Array.Empty<FieldError>(),
        .. provider.Map("accessKeyIDSecretRef") is { } key ? FieldRules.SecretKey(key, path.Child("accessKeyIDSecretRef")) : [],
    ];

    private static IEnumerable<FieldError> AcmeDns(JsonObject provider, FieldPath path) =>
    [
        .. FieldRules.SecretKey(provider.Map("accountSecretRef"), path.Child("accountSecretRef")),
        .. FieldRules.Required(provider, "host", path),
        .. FieldRules.CaBundle(provider, path),
    ];

    private static IEnumerable<FieldError> Update(JsonObject provider, FieldPath path)
    {
        var (server, algorithm, secret) =
            (provider.Text("nameserver"), provider.Text("tsigAlgorithm"), provider.Map("tsigSecretSecretRef"));
        var secretErrors = FieldRules.SecretKey(secret, path.Child("tsigSecretSecretRef")).ToList();
        return
        [
            .. FieldRules.Required(provider, "nameserver", path),
            .. server.Length > 0 && !IsServer(server) ? [path.Child("nameserver").Invalid(server, ServerForm)] : Array.Empty<FieldError>(),
            .. algorithm.Length > 0 && !TsigAlgorithms.Contains(algorithm.ToUpperInvariant())
                ? [path.Child("tsigAlgorithm").NotSupported(algorithm, TsigAlgorithms)] : Array.Empty<FieldError>(),
            .. provider.Text("tsigKeyName").Length > 0 ? secretErrors
                : secretErrors.Count == 0 ? [path.Child("tsigKeyName").Required()] : [],
        ];
    }

    /// <summary>host:port, with an optional port and IPv6 in brackets.</summary>
    private static bool IsServer(string text)
    {
        var end = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) + 1 : text.IndexOf(':', StringComparison.Ordinal);
        var host = end < 0 ? text : text[..end];
        var port = end < 0 ? "" : text[end..];
        return (port.Length == 0 || (port[0] == ':' && ushort.TryParse(
                port.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
            && (host.StartsWith('[') ? FieldRules.IsAddress(host.Trim('[', ']'))
                : FieldRules.IsAddress(host) || HostNames.IsValidDnsName(host.TrimEnd('.'), allowWildcard: false));
    }
}
