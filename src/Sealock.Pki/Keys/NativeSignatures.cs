// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Sealock.Pki.Keys;

/// <summary>One-shot signature checks by the platform's libcrypto, for key types that .NET does not verify.</summary>
internal static unsafe partial class NativeSignatures
{
    private const string Library = "libcrypto.so.3";

    private static readonly bool Present = NativeLibrary.TryLoad(Library, out _);

    /// <summary>True or false as the signature verifies; null where the library is missing.</summary>
    public static bool? Verify(ReadOnlySpan<byte> spki, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!Present)
            return null;
        nint key, context;
        fixed (byte* start = spki)
        {
            var cursor = start;
            key = d2i_PUBKEY(0, &cursor, spki.Length);
        }
        if (key == 0)
        {
            ERR_clear_error();
            return false;
        }
        context = EVP_MD_CTX_new();
        try
        {
            fixed (byte* dataStart = data)
            fixed (byte* signatureStart = signature)
            {
                var verified = context != 0
                    && EVP_DigestVerifyInit(context, 0, 0, 0, key) == 1
                    && EVP_DigestVerify(context, signatureStart, (nuint)signature.Length, dataStart, (nuint)data.Length) == 1;
                if (!verified)
                    ERR_clear_error();
                return verified;
            }
        }
        finally
        {
            EVP_MD_CTX_free(context);
            EVP_PKEY_free(key);
        }
    }

    [LibraryImport(Library)]
    private static partial nint d2i_PUBKEY(nint reuse, byte** input, nint length);

    [LibraryImport(Library)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    private static partial nint EVP_MD_CTX_new();

    [LibraryImport(Library)]
    private static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerifyInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerify(
        nint context, byte* signature, nuint signatureLength, byte* data, nuint dataLength);

    [LibraryImport(Library)]
    private static partial void ERR_clear_error();
}
