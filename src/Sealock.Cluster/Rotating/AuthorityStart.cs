// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Rotating;

/// <summary>
/// Makes the new CA that a rotation begins with, of the shape of the old one: a root, or an intermediate under the same
/// root, or both anew.
/// </summary>
internal static class AuthorityStart
{
    /// <summary>Makes certificates and keys, and stores the keys.</summary>
    /// <exception cref="RotationException">Something is missing for it.</exception>
    public static AuthorityRotation Make(StandingSet standing, string subject, string? passphrase, bool withRoot, DateTimeOffset now)
    {
        var authority = standing.Authorities.FirstOrDefault(authority => authority.Planned.Name == subject)
            ?? throw new RotationException($"there is no {subject} in this cluster; there are: {string.Join(", ", standing.Plan.Authorities)}, sa");
        var roles = authority.Roles
            ?? throw new RotationException($"{authority.CertificateFile.Path} is missing or no certificate: make it with sealock pki init");
        if (authority.IsExternal)
        {
            throw new RotationException(
                $"{authority.KeyFile.Path} is missing: this CA is kept elsewhere. Put its key there for the time of the rotation, or name its folder with --ca-dir");
        }

        using var old = authority.ReadKey(passphrase, out var problem)
            ?? throw new RotationException($"{authority.KeyFile.Path}: {problem}");
        if (!roles.Signing[0].Matches(old))
            throw new RotationException($"{authority.KeyFile.Path} does not belong to {authority.CertificateFile.Path}: restore the right key");
        var configuration = standing.Plan.Configuration;
        using var @new = KeyPair.Generate(configuration.KeyAlgorithm);
        var keys = (authority.KeyFile.Text, Text(@new, authority.KeyFile.Text, passphrase));
        if (roles.Signing[0].IsSelfIssued)
        {
            RotationKeys.Write(standing.Folder, subject, keys);
            return AuthorityRotation.ForRoot(roles, old, @new, configuration.AuthorityLifetime, now);
        }

        var (rootText, rootKey) = ReadRootKey(standing.Folder, authority.Planned, roles.Signing[^1], passphrase);
        using (rootKey)
        {
            var root = new CertificateAuthority([roles.Signing[^1]], rootKey);
            if (!withRoot)
            {
                RotationKeys.Write(standing.Folder, subject, keys);
                return Required(AuthorityRotation.ForIntermediate(roles, root, @new, configuration.AuthorityLifetime, now));
            }

            using var newRoot = KeyPair.Generate(configuration.KeyAlgorithm);
            RotationKeys.Write(standing.Folder, subject, keys, (rootText, Text(newRoot, rootText, passphrase)));
            return Required(AuthorityRotation.ForRootAndIntermediate(roles, root, newRoot, @new, configuration.AuthorityLifetime, now));
        }
    }

    private static AuthorityRotation Required((AuthorityRotation? Rotation, string? Refusal) made) =>
        made.Rotation ?? throw new RotationException($"the root refuses to sign the new intermediate CA: {made.Refusal}");

    private static (string Text, KeyPair Key) ReadRootKey(SetFolder folder, PlannedAuthority authority, Certificate root, string? passphrase)
    {
        var path = folder.RootKeyOf(authority);
        if (!File.Exists(path))
            throw new RotationException($"{path} is needed to make a new intermediate CA: put the root's key there for that time");
        try
        {
            var text = File.ReadAllText(path);
            var key = KeyPair.FromPem(text, passphrase);
            if (root.Matches(key))
                return (text, key);
            key.Dispose();
            throw new RotationException($"{path} is not the key of {root.Subject}: restore the right one");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or PkiFormatException)
        {
            throw new RotationException($"{path}: {fault.Message}", fault);
        }
    }

    /// <summary>A key is stored as its predecessor was.</summary>
    private static string Text(KeyPair key, string before, string? passphrase) =>
        passphrase is not null && before.Contains("ENCRYPTED", StringComparison.Ordinal) ? key.ToEncryptedPkcs8Pem(passphrase) : key.ToTraditionalPem();
}
