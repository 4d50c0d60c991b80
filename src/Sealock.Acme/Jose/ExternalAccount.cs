// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using Sealock.Pki;

namespace Sealock.Acme.Jose;

/// <summary>
/// An account that exists at the CA outside of ACME, to which a new ACME account is bound (RFC 8555 section 7.3.4).
/// <see cref="ToString"/> leaves the secret out.
/// </summary>
public sealed class ExternalAccount
{
    private const int LongestSecret = 4096;

    private readonly byte[] _secret;

    /// <summary>Takes the key identifier and the HMAC key in base64url, as CAs hand them out.</summary>
    /// <exception cref="PkiFormatException">One is empty, or the key is not base64url (or base64) of at most 4,096 characters.</exception>
    public ExternalAccount(string keyId, string hmacKey)
    {
        var text = hmacKey.Trim().TrimEnd('=').Replace('+', '-').Replace('/', '_');
        if (keyId.Length == 0)
            throw new PkiFormatException("expected the key identifier of the external account");
        if (text.Length is 0 or > LongestSecret || !Base64Url.IsValid(text))
            throw new PkiFormatException("expected the HMAC key of the external account in base64url");
        KeyId = keyId;
        _secret = Base64Url.DecodeFromChars(text);
    }

    /// <summary>The identifier the CA knows the external account by.</summary>
    public string KeyId { get; }

    /// <summary>The binding of an account key: a JWS over its public half, made with the external account's secret.</summary>
    internal byte[] Bind(AccountKey key, string newAccountUrl) => Jws.SignWithSecret(
        _secret, JwsHeader.Write("HS256", jwk: null, KeyId, nonce: null, newAccountUrl), System.Text.Encoding.ASCII.GetBytes(key.Jwk));

    /// <inheritdoc/>
    public override string ToString() => $"external account {KeyId}";
}
