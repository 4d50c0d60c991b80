// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Collections.Immutable;
using Sealock.Api.Security;

namespace Sealock.Gateway.Authentication;

/// <summary>
/// Who is locked out although the credentials are in order, as of one moment. Asked on every request; a change is a
/// new value.
/// </summary>
/// <param name="users">User names.</param>
/// <param name="credentials">
/// Credential ids: <c>X509SHA256=</c> and the SHA-256 of a client certificate's DER in lower-case hexadecimal, or
/// <c>JTI=</c> and the id of a service account token.
/// </param>
public sealed class Revocations(IEnumerable<string> users, IEnumerable<string> credentials)
{
    private readonly FrozenSet<string> _users = users.ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenSet<string> _credentials = credentials.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Nobody is locked out.</summary>
    public static Revocations None { get; } = new([], []);

    /// <summary>Whether a user is locked out by name, or by the credential that was presented.</summary>
    public bool Cover(UserInfo user) =>
        (_users.Count > 0 && _users.Contains(user.Name)) ||
        (_credentials.Count > 0 &&
            user.Extra.TryGetValue(CredentialId.Key, out var ids) && ids.Any(_credentials.Contains));
}

/// <summary>The attribute by which Kubernetes names the credential behind a user.</summary>
internal static class CredentialId
{
    /// <summary>Key in <see cref="UserInfo.Extra"/>.</summary>
    public const string Key = "authentication.kubernetes.io/credential-id";

    private const string CertificatePrefix = "X509SHA256=";

    /// <summary>The attribute for a client certificate.</summary>
    public static ImmutableDictionary<string, ImmutableArray<string>> OfCertificate(string sha256) =>
        ImmutableDictionary<string, ImmutableArray<string>>.Empty
            .Add(Key, [CertificatePrefix + sha256]);

    /// <summary>Whether a user was authenticated by a client certificate.</summary>
    public static bool IsCertificate(UserInfo user) =>
        user.Extra.TryGetValue(Key, out var ids) &&
        ids is [{ } id] && id.StartsWith(CertificatePrefix, StringComparison.Ordinal);
}
