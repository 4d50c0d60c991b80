// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Challenges;

/// <summary>The TXT record that a DNS-01 validation must find (RFC 8555 section 8.4).</summary>
/// <param name="Name">The record's name, without a dot at its end. A name and its wildcard share it: it may need two values.</param>
/// <param name="Value">The record's value: 43 characters of base64url.</param>
public sealed record Dns01Answer(string Name, string Value)
{
    /// <summary>The label of all such records.</summary>
    public const string Label = "_acme-challenge";

    /// <summary>The record's name for a DNS name; a wildcard's label does not count.</summary>
    public static string NameFor(AcmeIdentifier identifier) => $"{Label}.{identifier.BaseName}";

    /// <summary>The answer to a challenge.</summary>
    public static Dns01Answer Create(AccountKey key, AcmeIdentifier identifier, AcmeChallenge challenge) => new(
        NameFor(identifier),
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(key.KeyAuthorization(challenge.Token)))));
}
