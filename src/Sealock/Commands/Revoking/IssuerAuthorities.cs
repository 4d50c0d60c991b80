// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Authorities;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Revocation;

namespace Sealock.Commands.Revoking;

/// <summary>
/// The CAs of an Issuer or ClusterIssuer of kind <c>ca</c>: the one in its Secret, and while that is being replaced the one before,
/// of which a record is kept.
/// </summary>
internal sealed class IssuerAuthorities
{
    private const string UsualClusterNamespace = "cert-manager";

    private readonly ApiClient _client;
    private readonly string _kind;
    private readonly string _name;
    private readonly string _namespace;

    private IssuerAuthorities(ApiClient client, string kind, string name, string @namespace, IReadOnlyList<Certificate> certificates) =>
        (_client, _kind, _name, _namespace, Certificates) = (client, kind, name, @namespace, certificates);

    /// <summary>The issuer as the user names it.</summary>
    public string Name => _namespace.Length > 0 ? $"{_namespace}/{_name}" : _name;

    /// <summary>The CAs, one certificate for each key; at least one.</summary>
    public IReadOnlyList<Certificate> Certificates { get; }

    /// <summary>Reads them.</summary>
    /// <param name="client">Speaks as the user.</param>
    /// <param name="name"><c>namespace/name</c>, or the name of a ClusterIssuer.</param>
    /// <param name="clusterNamespace">Where ClusterIssuers have their Secrets; null: where the record is, else cert-manager.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CommandException">There is no such issuer, or it has no CA of its own.</exception>
    public static async Task<IssuerAuthorities> ReadAsync(
        ApiClient client, string name, string? clusterNamespace, CancellationToken cancellationToken)
    {
        var (place, plain) = name.Split('/') is [var @namespace, var rest] ? (@namespace, rest) : ("", name);
        var kind = place.Length > 0 ? "Issuer" : "ClusterIssuer";
        var issuer = await client.FindAsync(Issuers(place.Length > 0), place, plain, cancellationToken)
            ?? throw Wrong($"--issuer: there is no {kind} {name}");
        var secretName = issuer["spec"]?["ca"]?["secretName"]?.GetValue<string>()
            ?? throw Wrong($"--issuer: {name} has no CA in a Secret (spec.ca.secretName); name the CA's certificate with --ca");
        var record = await RecordAsync(client, issuer, place.Length > 0 ? place : clusterNamespace ?? "", cancellationToken);
        var secretPlace = place.Length > 0 ? place
            : clusterNamespace ?? record?["metadata"]?["namespace"]?.GetValue<string>() ?? UsualClusterNamespace;
        var secret = await client.FindAsync(Secrets, secretPlace, secretName, cancellationToken);
        if (secret is null && record is null)
        {
            throw Wrong($"--issuer: the Secret {secretPlace}/{secretName} of {name} does not exist; "
                + (place.Length > 0 ? "name the CA's certificate with --ca"
                    : "name its namespace with --cluster-resource-namespace, or the CA's certificate with --ca"));
        }

        List<Certificate> found =
        [
            .. Read(secret, "tls.crt").Take(1),
            .. Read(record, RecordNames.NewChain).Take(1),
            .. Read(record, RecordNames.OldChain).Take(1),
        ];
        return found.Count > 0
            ? new(client, kind, plain, place, [.. found.DistinctBy(AuthorityKeyId.Of)])
            : throw Wrong($"--issuer: the Secret {secretPlace}/{secretName} has no certificate in tls.crt");
    }

    /// <summary>
    /// The certificates of a serial number that one of the CAs has issued, as far as they are known to the cluster: from its
    /// CertificateRequests and Secrets. What nobody of the CAs has signed is passed over, whoever put it there.
    /// </summary>
    public async Task<IReadOnlyList<Certificate>> FindAsync(SerialNumber serial, CancellationToken cancellationToken)
    {
        var requests = await ListAsync(Requests, null, cancellationToken);
        var secrets = await ListAsync(Secrets, new ListQuery { LabelSelector = "controller.cert-manager.io/fao=true" }, cancellationToken);
        return
        [
            .. requests.Where(request => IsMine(request["spec"]?["issuerRef"], "name", "kind")).SelectMany(request => Read(request["status"], "certificate").Take(1))
                .Concat(secrets.Where(secret => IsMine(secret["metadata"]?["annotations"], "cert-manager.io/issuer-name", "cert-manager.io/issuer-kind"))
                    .SelectMany(secret => Read(secret, "tls.crt").Take(1)))
                .Where(leaf => leaf.SerialNumber == serial && Certificates.Any(authority => RevokedTarget.IsIssuer(authority, leaf)))
                .DistinctBy(leaf => leaf.Sha256Hex),
        ];
    }

    private bool IsMine(JsonNode? reference, string name, string kind) =>
        Text(reference, name) == _name && (Text(reference, kind) is { Length: > 0 } other ? other : "Issuer") == _kind;

    /// <summary>Objects of the issuer's namespace; none where the user may not read them.</summary>
    private async Task<IReadOnlyList<JsonObject>> ListAsync(ResourceType<JsonObject> type, ListQuery? query, CancellationToken cancellationToken)
    {
        try
        {
            return (await _client.ListAsync(type, _namespace, query, cancellationToken)).Items;
        }
        catch (ApiException error) when (error.Code is 403 or 404)
        {
            return [];
        }
    }

    /// <summary>The record of the issuer's CAs; null where there is none, or the user may not read it.</summary>
    private static async Task<JsonObject?> RecordAsync(ApiClient client, JsonObject issuer, string place, CancellationToken cancellationToken)
    {
        try
        {
            var records = await client.ListAsync(Secrets, place, new ListQuery { LabelSelector = RecordNames.Label }, cancellationToken);
            var uid = Text(issuer["metadata"], "uid");
            return records.Items.FirstOrDefault(record =>
                record["metadata"]?["ownerReferences"] is JsonArray owners && owners.Any(owner => Text(owner, "uid") == uid));
        }
        catch (ApiException error) when (error.Code == 403)
        {
            return null;
        }
    }

    /// <summary>The certificates in an entry that is PEM in base64; none where there is none, or it cannot be read.</summary>
    private static IReadOnlyList<Certificate> Read(JsonNode? holder, string entry)
    {
        try
        {
            var text = Text(holder is JsonObject { } secret && secret["data"] is { } data ? data : holder, entry);
            return text.Length == 0 ? [] : Certificate.ListFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(text)));
        }
        catch (Exception error) when (error is PkiFormatException or FormatException)
        {
            return [];
        }
    }

    private static string Text(JsonNode? parent, string field) =>
        (parent as JsonObject)?[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private static ResourceType<JsonObject> Secrets { get; } = new("", "v1", "secrets", true, CsrJson.Default.JsonObject);

    private static ResourceType<JsonObject> Requests { get; } =
        new("cert-manager.io", "v1", "certificaterequests", true, CsrJson.Default.JsonObject);

    private static ResourceType<JsonObject> Issuers(bool namespaced) =>
        new("cert-manager.io", "v1", namespaced ? "issuers" : "clusterissuers", namespaced, CsrJson.Default.JsonObject);

    private static CommandException Wrong(string message) => new(message, 2);
}
