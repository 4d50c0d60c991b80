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
    public string Description => string.IsNullOrEmpty(Subject)
        ? $"serial {SerialNumber} of {Printable.Of(Authority)}"
        : $"{Printable.Of(Subject)} (serial {SerialNumber} of {Printable.Of(Authority)})";

    /// <summary>Whether it is this certificate.</summary>
    /// <param name="certificate">The certificate; null is none.</param>
    public bool Is(Certificate? certificate) => certificate is not null && certificate.SerialNumber == SerialNumber
        && certificate.Issuer.ToString() == Authority;

    /// <summary>A certificate that is known.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="what">What it is called in messages.</param>
    /// <param name="authorities">CAs of which one may have issued it.</param>
    /// <param name="named">How the user named these; null where they were only guessed.</param>
    /// <exception cref="CommandException">It cannot be used, or its CA is not known.</exception>
    public static RevokedTarget FromCertificate(Certificate certificate, string what, IReadOnlyList<Certificate> authorities, string? named)
    {
        if (certificate.IsSelfIssued)
        {
            throw Wrong(
                $"{what}: {Printable.Of(certificate.Subject.ToString())} signed itself, and nobody can revoke that; "
                + "take it out of the places that trust it");
        }

        if (certificate.SerialNumber.IsNegative)
            throw Wrong($"{what}: its serial number is negative, which no revocation list can name; lock out its key (kind AccessRevocation)");
        if (authorities.FirstOrDefault(authority => IsIssuer(authority, certificate)) is { } issuer)
        {
            return new(
                AuthorityKeyId.Of(issuer), issuer.Subject.ToString(), certificate.SerialNumber, certificate.Subject.ToString(), certificate.NotAfter);
        }

        if (named is not null)
            throw Wrong($"{what} was issued by {Printable.Of(certificate.Issuer.ToString())}, and not by the CA of {named}");
        if (certificate.AuthorityKeyIdentifier.Length is 0 or > AuthorityKeyId.LongestBytes)
            throw Wrong($"{what} does not name its issuer's key; name the certificate of {Printable.Of(certificate.Issuer.ToString())} with --ca");
        return new(
            Convert.ToHexStringLower(certificate.AuthorityKeyIdentifier.Span), certificate.Issuer.ToString(), certificate.SerialNumber,
            certificate.Subject.ToString(), certificate.NotAfter);
    }

    /// <summary>Whether a CA has issued a certificate: by name and signature.</summary>
    public static bool IsIssuer(Certificate authority, Certificate certificate) =>
        authority.Subject.Equals(certificate.Issuer) && certificate.RefuseSignature(authority.PublicKey) is null;

    /// <summary>Reads a serial number.</summary>
    /// <param name="serial">Hexadecimal digits.</param>
    /// <exception cref="CommandException">It is none.</exception>
    public static SerialNumber ReadSerial(string serial)
    {
        try
        {
            return SerialNumber.Parse(serial);
        }
        catch (PkiFormatException error)
        {
            throw Wrong($"--serial: {error.Message}, as openssl x509 -noout -serial prints it");
        }
    }

    /// <summary>A certificate of which only the serial number is known.</summary>
    /// <param name="serial">The serial number.</param>
    /// <param name="authorities">The CA.</param>
    /// <param name="named">How the user named it; null where it is the cluster's.</param>
    /// <exception cref="CommandException">There is not exactly one CA.</exception>
    public static RevokedTarget FromSerial(SerialNumber serial, IReadOnlyList<Certificate> authorities, string? named) =>
        authorities.GroupBy(AuthorityKeyId.Of).ToList() is [var authority]
            ? Of(serial, authority.MaxBy(one => one.NotAfter)!)
            : throw Wrong(
                $"{named ?? "the kubeconfig"} has {authorities.DistinctBy(AuthorityKeyId.Of).Count()} CAs; name the one that issued the certificate with --ca");

    /// <summary>A certificate of an issuer: found by its serial number, else one for each CA that the issuer has at the time.</summary>
    /// <param name="serial">The serial number.</param>
    /// <param name="issuer">The issuer.</param>
    /// <param name="unseen">Whether it need not be found.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CommandException">It is not found, and has to be.</exception>
    public static async Task<IReadOnlyList<RevokedTarget>> FromIssuerAsync(
        SerialNumber serial, IssuerAuthorities issuer, bool unseen, CancellationToken cancellationToken)
    {
        var known = await issuer.FindAsync(serial, cancellationToken);
        if (known.Count == 0 && !unseen)
        {
            throw new CommandException(
                $"no certificate of serial {serial} is in the CertificateRequests and Secrets of {issuer.Name}, as far as you may read them; "
                + "if the number is right, revoke it with --unseen, or by the certificate's file");
        }

        return known.Count > 0
            ? [.. known.Select(leaf => FromCertificate(leaf, $"serial {serial}", issuer.Certificates, null))]
            : [.. issuer.Certificates.Select(authority => Of(serial, authority))];
    }

    private static RevokedTarget Of(SerialNumber serial, Certificate authority) =>
        new(AuthorityKeyId.Of(authority), authority.Subject.ToString(), serial, null, authority.NotAfter);

    /// <summary>The certificates of a file.</summary>
    /// <exception cref="CommandException">There are none, or they cannot be read.</exception>
    public static IReadOnlyList<Certificate> ReadCertificates(string file) =>
        PemFiles.Read(file, () => Certificate.ListFromPem(File.ReadAllText(file)), exitCode: 2);

    private static CommandException Wrong(string message) => new(message, 2);
}
