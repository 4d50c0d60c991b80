// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net.Security;
using System.Text;

namespace Sealock.Pki.Tls;

/// <summary>The names by which IANA lists the numbers of TLS. What has no name is given in hexadecimal.</summary>
public static class TlsNames
{
    /// <summary><c>TLS 1.3</c> and the like.</summary>
    public static string Version(ushort version) => version switch
    {
        0x0300 => "SSL 3.0",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        ClientHello.Tls12 => "TLS 1.2",
        ClientHello.Tls13 => "TLS 1.3",
        _ => Unnamed(version),
    };

    /// <summary><c>TLS_AES_128_GCM_SHA256</c> and the like.</summary>
    public static string CipherSuite(ushort suite) => suite switch
    {
        0x00ff => "TLS_EMPTY_RENEGOTIATION_INFO_SCSV",
        0x5600 => "TLS_FALLBACK_SCSV",
        _ when Enum.IsDefined((TlsCipherSuite)suite) => ((TlsCipherSuite)suite).ToString(),
        _ => Unnamed(suite),
    };

    /// <summary>Groups for key exchange: <c>x25519</c>, <c>secp256r1</c> and the like.</summary>
    public static string Group(ushort group) => group switch
    {
        19 => "secp192r1",
        21 => "secp224r1",
        22 => "secp256k1",
        23 => "secp256r1",
        24 => "secp384r1",
        25 => "secp521r1",
        26 => "brainpoolP256r1",
        27 => "brainpoolP384r1",
        28 => "brainpoolP512r1",
        29 => "x25519",
        30 => "x448",
        31 => "brainpoolP256r1tls13",
        32 => "brainpoolP384r1tls13",
        33 => "brainpoolP512r1tls13",
        256 => "ffdhe2048",
        257 => "ffdhe3072",
        258 => "ffdhe4096",
        259 => "ffdhe6144",
        260 => "ffdhe8192",
        512 => "MLKEM512",
        513 => "MLKEM768",
        514 => "MLKEM1024",
        4587 => "SecP256r1MLKEM768",
        4588 => "X25519MLKEM768",
        4589 => "SecP384r1MLKEM1024",
        _ => Unnamed(group),
    };

    /// <summary>Signature schemes: <c>ecdsa_secp256r1_sha256</c> and the like.</summary>
    public static string SignatureScheme(ushort scheme) => scheme switch
    {
        0x0804 => "rsa_pss_rsae_sha256",
        0x0805 => "rsa_pss_rsae_sha384",
        0x0806 => "rsa_pss_rsae_sha512",
        0x0807 => "ed25519",
        0x0808 => "ed448",
        0x0809 => "rsa_pss_pss_sha256",
        0x080a => "rsa_pss_pss_sha384",
        0x080b => "rsa_pss_pss_sha512",
        0x081a => "ecdsa_brainpoolP256r1tls13_sha256",
        0x081b => "ecdsa_brainpoolP384r1tls13_sha384",
        0x081c => "ecdsa_brainpoolP512r1tls13_sha512",
        0x0904 => "mldsa44",
        0x0905 => "mldsa65",
        0x0906 => "mldsa87",
        0x0403 => "ecdsa_secp256r1_sha256",
        0x0503 => "ecdsa_secp384r1_sha384",
        0x0603 => "ecdsa_secp521r1_sha512",
        _ when (scheme >> 8, scheme & 0xff) is ( >= 1 and <= 6, >= 1 and <= 3) =>
            $"{OldSignatures[(scheme & 0xff) - 1]}_{OldHashes[(scheme >> 8) - 1]}",
        _ => Unnamed(scheme),
    };

    /// <summary>Alerts: <c>unknown_ca</c> and the like.</summary>
    public static string Alert(TlsAlert alert)
    {
        if (!Enum.IsDefined(alert))
            return $"alert {(byte)alert}";
        var name = new StringBuilder();
        foreach (var letter in alert.ToString())
        {
            if (char.IsAsciiLetterUpper(letter) && name.Length > 0)
                name.Append('_');
            name.Append(char.ToLowerInvariant(letter));
        }
        return name.ToString();
    }

    private static readonly string[] OldSignatures = ["rsa_pkcs1", "dsa", "ecdsa"];

    private static readonly string[] OldHashes = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

    /// <summary>RFC 8701: values that mean nothing, sent to keep servers tolerant.</summary>
    private static string Unnamed(ushort value) => (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff)
        ? "GREASE"
        : string.Create(CultureInfo.InvariantCulture, $"0x{value:x4}");
}
