// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Security;

namespace Sealock.Gateway.Authentication;

/// <summary>
/// Who is locked out although the credentials are in order, as of one moment. Asked on every request; a change is a
/// new value, which shares what stayed the same with the old one.
/// </summary>
/// <param name="users">User names.</param>
/// <param name="credentials">
/// Credential ids: <c>X509SHA256=</c> and the SHA-256 of a client certificate's DER in lower-case hexadecimal, or
/// <c>JTI=</c> and the id of a service account token.
/// </param>
public sealed class Revocations(IEnumerable<string> users, IEnumerable<string> credentials)
{
    /// <summary>Nobody is locked out.</summary>
    public static Revocations None { get; } = new([], []);

    /// <summary>User names.</summary>
    public ImmutableHashSet<string> Users { get; init; } = users.ToImmutableHashSet(StringComparer.Ordinal);

    /// <summary>Credential ids.</summary>
    public ImmutableHashSet<string> Credentials { get; init; } = credentials.ToImmutableHashSet(StringComparer.Ordinal);

    /// <summary>Certificates by issuer and serial number, as <see cref="CertificateMarks.ByIssuer"/> writes them.</summary>
    public ImmutableHashSet<string> Certificates { get; init; } = ImmutableHashSet<string>.Empty;

    /// <summary>Keys, by the SHA-256 of their SubjectPublicKeyInfo in lower-case hexadecimal.</summary>
    public ImmutableHashSet<string> Keys { get; init; } = ImmutableHashSet<string>.Empty;

    /// <summary>Whether a user is locked out by name, or by the credential that was presented.</summary>
    public bool Cover(UserInfo user) =>
        (Users.Count > 0 && Users.Contains(user.Name)) ||
        (Credentials.Count > 0 &&
            user.Extra.TryGetValue(CredentialId.Key, out var ids) && ids.Any(Credentials.Contains));

    /// <summary>Whether a certificate of a verified chain is revoked.</summary>
    public bool Cover(in CertificateMarks marks) => Any(Certificates, marks.Certificates) || Any(Keys, marks.Keys);

    /// <summary>The same with one more.</summary>
    internal Revocations With(in Lockout lockout) => Change(lockout, (set, value) => set.Add(value));

    /// <summary>The same with one less.</summary>
    internal Revocations Without(in Lockout lockout) => Change(lockout, (set, value) => set.Remove(value));

    private static bool Any(ImmutableHashSet<string> revoked, ImmutableArray<string> marks)
    {
        if (revoked.Count == 0)
            return false;
        foreach (var mark in marks)
        {
            if (revoked.Contains(mark))
                return true;
        }

        return false;
    }

    private Revocations Change(in Lockout lockout, Func<ImmutableHashSet<string>, string, ImmutableHashSet<string>> change) => new([], [])
    {
        Users = lockout.Kind == LockoutKind.User ? change(Users, lockout.Value) : Users,
        Credentials = lockout.Kind == LockoutKind.Credential ? change(Credentials, lockout.Value) : Credentials,
        Certificates = lockout.Kind == LockoutKind.Certificate ? change(Certificates, lockout.Value) : Certificates,
        Keys = lockout.Kind == LockoutKind.Key ? change(Keys, lockout.Value) : Keys,
    };
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
