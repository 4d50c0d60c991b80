// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Sealock.Pki.Keys;

/// <summary>Public halves of private keys of kinds that .NET does not import (Ed25519, Ed448, DSA, …), by the platform's libcrypto.</summary>
internal static unsafe partial class NativeKeys
{
    private const string Library = "libcrypto.so.3";
    private const int MaxBytes = 64 * 1024;

    private static readonly bool Present = NativeLibrary.TryLoad(Library, out _);

    /// <summary>The SubjectPublicKeyInfo of a private key in DER; null where it is none or the library is missing.</summary>
    public static byte[]? PublicKeyOf(ReadOnlySpan<byte> der)
    {
        if (!Present || der.Length is 0 or > MaxBytes)
            return null;
        nint key;
        fixed (byte* start = der)
        {
            var cursor = start;
            key = d2i_AutoPrivateKey(0, &cursor, der.Length);
        }

        try
        {
            var length = key == 0 ? 0 : i2d_PUBKEY(key, null);
            if (length is <= 0 or > MaxBytes)
                return null;
            var spki = new byte[length];
            fixed (byte* start = spki)
            {
                var cursor = start;
                return i2d_PUBKEY(key, &cursor) == length ? spki : null;
            }
        }
        finally
        {
            if (key != 0)
                EVP_PKEY_free(key);
            ERR_clear_error();
        }
    }

    [LibraryImport(Library)]
    private static partial nint d2i_AutoPrivateKey(nint reuse, byte** input, nint length);

    [LibraryImport(Library)]
    private static partial int i2d_PUBKEY(nint key, byte** output);

    [LibraryImport(Library)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    private static partial void ERR_clear_error();
}
