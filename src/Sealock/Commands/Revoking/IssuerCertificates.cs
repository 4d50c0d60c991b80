// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Pki;
using Sealock.Pki.Certificates;

namespace Sealock.Commands.Revoking;

/// <summary>The CA certificates of an Issuer or ClusterIssuer of kind <c>ca</c>, from its Secret.</summary>
internal static class IssuerCertificates
{
    /// <summary>Where cert-manager looks for Secrets of ClusterIssuers.</summary>
    private const string ClusterNamespace = "cert-manager";

    /// <summary>Reads them.</summary>
    /// <param name="client">Speaks as the user.</param>
    /// <param name="name"><c>namespace/name</c>, or the name of a ClusterIssuer.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CommandException">There is no such issuer, or it has no CA of its own.</exception>
    public static async Task<IReadOnlyList<Certificate>> ReadAsync(ApiClient client, string name, CancellationToken cancellationToken)
    {
        var (place, plain) = name.Split('/') is [var @namespace, var rest] ? (@namespace, rest) : ("", name);
        var issuer = await client.FindAsync(Issuers(place.Length > 0), place, plain, cancellationToken)
            ?? throw Wrong($"--issuer: there is no {(place.Length > 0 ? "Issuer" : "ClusterIssuer")} {name}");
        var secretName = issuer["spec"]?["ca"]?["secretName"]?.GetValue<string>()
            ?? throw Wrong($"--issuer: {name} has no CA in a Secret (spec.ca.secretName); name the CA's certificate with --ca");
        if (place.Length == 0)
            place = ClusterNamespace;
        var secret = await client.FindAsync(Secrets, place, secretName, cancellationToken)
            ?? throw Wrong($"--issuer: the Secret {place}/{secretName} of {name} does not exist; name the CA's certificate with --ca");
        try
        {
            var pem = Convert.FromBase64String(secret["data"]?["tls.crt"]?.GetValue<string>() ?? "");
            return Certificate.ListFromPem(Encoding.UTF8.GetString(pem)) is [var first, ..]
                ? [first] : throw Wrong($"--issuer: the Secret {place}/{secretName} has no certificate in tls.crt");
        }
        catch (Exception error) when (error is PkiFormatException or FormatException)
        {
            throw Wrong($"--issuer: tls.crt of the Secret {place}/{secretName} cannot be read: {error.Message}");
        }
    }

    private static ResourceType<JsonObject> Secrets { get; } = new("", "v1", "secrets", true, CsrJson.Default.JsonObject);

    private static ResourceType<JsonObject> Issuers(bool namespaced) =>
        new("cert-manager.io", "v1", namespaced ? "issuers" : "clusterissuers", namespaced, CsrJson.Default.JsonObject);

    private static CommandException Wrong(string message) => new(message, 2);
}
