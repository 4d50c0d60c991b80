// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Controllers.Revocation.Definitions;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.RevocationLists;
using Sealock.Pki;
using Sealock.Pki.Certificates;

namespace Sealock.Hosting;

/// <summary>Hands what is stored about revocation to the front door: who is locked out, and the lists for others.</summary>
internal sealed class RevocationFeed
{
    /// <summary>Who is locked out.</summary>
    public RevocationRegistry Registry { get; } = new();

    /// <summary>The lists.</summary>
    public PublishedLists Lists { get; } = new();

    /// <summary>Whether objects of a resource matter here.</summary>
    public static bool Follows(ResourceDefinition definition) =>
        definition.Group == RevocationDefinitions.Group &&
        definition.Plural is RevocationDefinitions.Certificates or RevocationDefinitions.Access or RevocationDefinitions.Lists;

    /// <summary>Takes over a change.</summary>
    public void Take(ObjectChange change)
    {
        if (change.Plural == RevocationDefinitions.Lists)
            Lists.Put(change.Name, change.Object);
        else
            Registry.Put($"{change.Plural}/{change.Name}", change.Object?["spec"] is JsonObject spec ? Lockout(change.Plural, spec) : null);
    }

    private static Lockout? Lockout(string plural, JsonObject spec) => plural == RevocationDefinitions.Certificates
        ? Certificate(Text(spec["authority"], "keyId"), Text(spec, "serialNumber"))
        : (Text(spec, "user"), Text(spec, "publicKeySha256"), Text(spec, "credential")) switch
        {
            ({ Length: > 0 } user, _, _) => new(LockoutKind.User, user),
            (_, { Length: > 0 } key, _) => new(LockoutKind.Key, key),
            (_, _, { Length: > 0 } credential) => new(LockoutKind.Credential, credential),
            _ => null,
        };

    private static Lockout? Certificate(string keyId, string serial)
    {
        try
        {
            return new(LockoutKind.Certificate, CertificateMarks.ByIssuer(keyId, SerialNumber.Parse(serial)));
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }

    private static string Text(JsonNode? parent, string field) =>
        (parent as JsonObject)?[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
