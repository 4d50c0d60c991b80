// SPDX-License-Identifier: Apache-2.0
using Sealock.Hosting;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Revocation;

namespace Sealock.Commands.Revoking;

/// <summary>The certificate that a command is about: its CA, its serial number, and what else is known of it.</summary>
/// <param name="KeyId">The identifier of its CA's key.</param>
/// <param name="Authority">The CA's subject.</param>
/// <param name="SerialNumber">Its serial number.</param>
/// <param name="Subject">Its subject; null where only the serial number is known.</param>
/// <param name="NotAfter">When it expires at the latest; null where that is not known.</param>
internal sealed record RevokedTarget(
    string KeyId, string Authority, SerialNumber SerialNumber, string? Subject, DateTimeOffset? NotAfter)
{
    /// <summary>The certificate as people know it.</summary>
    public string Description => Subject is null
        ? $"serial {SerialNumber} of {Printable.Of(Authority)}"
        : $"{Printable.Of(Subject)} (serial {SerialNumber} of {Printable.Of(Authority)})";

    /// <summary>A certificate from a file.</summary>
    /// <param name="file">The file; its first certificate counts.</param>
    /// <param name="authorities">CAs of which one may have issued it.</param>
    /// <param name="named">How the user named these; null where they were only guessed.</param>
    /// <exception cref="CommandException">It cannot be used, or its CA is not known.</exception>
    public static RevokedTarget FromFile(string file, IReadOnlyList<Certificate> authorities, string? named)
    {
        var certificate = ReadCertificates(file)[0];
        if (certificate.IsSelfIssued)
        {
            throw Wrong(
                $"{file}: {Printable.Of(certificate.Subject.ToString())} signed itself, and nobody can revoke that; "
                + "take it out of the places that trust it");
        }

        if (certificate.SerialNumber.IsNegative)
            throw Wrong($"{file}: its serial number is negative, which no revocation list can name; lock out its key (kind AccessRevocation)");
        var issuer = authorities.FirstOrDefault(authority =>
            authority.Subject.Equals(certificate.Issuer) && certificate.RefuseSignature(authority.PublicKey) is null);
        if (issuer is not null)
        {
            return new(
                AuthorityKeyId.Of(issuer), issuer.Subject.ToString(), certificate.SerialNumber, certificate.Subject.ToString(), certificate.NotAfter);
        }

        if (named is not null)
            throw Wrong($"{file} was issued by {Printable.Of(certificate.Issuer.ToString())}, and not by the CA of {named}");
        if (certificate.AuthorityKeyIdentifier.Length is 0 or > AuthorityKeyId.LongestBytes)
            throw Wrong($"{file} does not name its issuer's key; name the certificate of {Printable.Of(certificate.Issuer.ToString())} with --ca");
        return new(
            Convert.ToHexStringLower(certificate.AuthorityKeyIdentifier.Span), certificate.Issuer.ToString(), certificate.SerialNumber,
            certificate.Subject.ToString(), certificate.NotAfter);
    }

    /// <summary>A certificate of which only the serial number is known.</summary>
    /// <param name="serial">Hexadecimal digits.</param>
    /// <param name="authorities">The CA.</param>
    /// <param name="named">How the user named it; null where it is the cluster's.</param>
    /// <exception cref="CommandException">It is no number, or there is not exactly one CA.</exception>
    public static RevokedTarget FromSerial(string serial, IReadOnlyList<Certificate> authorities, string? named)
    {
        var keys = authorities.GroupBy(AuthorityKeyId.Of).ToList();
        if (keys is not [var authority])
            throw Wrong($"{named ?? "the kubeconfig"} has {keys.Count} CAs; name the one that issued the certificate with --ca");
        var certificate = authority.MaxBy(one => one.NotAfter)!;
        try
        {
            return new(authority.Key, certificate.Subject.ToString(), SerialNumber.Parse(serial), null, certificate.NotAfter);
        }
        catch (PkiFormatException error)
        {
            throw Wrong($"--serial: {error.Message}, as openssl x509 -noout -serial prints it");
        }
    }

    /// <summary>The certificates of a file.</summary>
    /// <exception cref="CommandException">There are none, or they cannot be read.</exception>
    public static IReadOnlyList<Certificate> ReadCertificates(string file)
    {
        try
        {
            return PemFiles.Read(file, () => Certificate.ListFromPem(File.ReadAllText(file)));
        }
        catch (CommandException error)
        {
            throw Wrong(error.Message);
        }
    }

    private static CommandException Wrong(string message) => new(message, 2);
}
