// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage.Encryption;
using Sealock.Tests.Support;

namespace Sealock.Tests.Storage.Encryption;

public sealed class KeyFileTests : IDisposable
{
    private const string Secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    private readonly string folder = Directory.CreateTempSubdirectory("sealock-test-").FullName;

    private string KeyPath => Path.Combine(folder, "keys.json");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_ring_that_is_saved_is_loaded_again_in_the_same_order()
    {
        var ring = KeyFile.LoadOrCreate(KeyPath, new FakeTimeProvider());
        ring = ring.Add(EncryptionKey.Generate(ring.WriteKey.Created.AddDays(1)));
        ring = ring.Promote(ring.Keys[1].Id);
        KeyFile.Save(KeyPath, ring);

        var loaded = KeyFile.LoadOrCreate(KeyPath, new FakeTimeProvider());
        Assert.Equal(ring.Keys.Select(Describe), loaded.Keys.Select(Describe));
        Assert.Equal([KeyPath], Directory.GetFiles(folder));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
    }

    [Theory]
    [InlineData("", "malformed JSON")]
    [InlineData("""{"keys":[}""", "malformed JSON")]
    [InlineData("""{"keys":[]}""", "1 to 100 keys")]
    [InlineData("null", "1 to 100 keys")]
    [InlineData("""{"keys":[{"id":"a","created":"2026-03-01T12:00:00Z"}]}""", "malformed JSON")]
    [InlineData("""{"keys":[{"id":"a","created":"2026-03-01T12:00:00Z","secret":"c2hvcnQ="}]}""", "5 bytes, not 32")]
    [InlineData("""{"keys":[{"id":"A:","created":"2026-03-01T12:00:00Z","secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}]}""", "key id")]
    [InlineData("""{"keys":[{"id":"a","created":"2026-03-01T12:00:00Z","secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},{"id":"a","created":"2026-03-01T12:00:00Z","secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}]}""", "same id")]
    public void A_malformed_file_is_refused_with_the_reason_and_without_a_secret(string content, string reason)
    {
        WriteFile(content);
        var fault = Assert.Throws<KeyFileException>(() => KeyFile.Load(KeyPath));
        Assert.Contains(KeyPath, fault.Message, StringComparison.Ordinal);
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_others_can_read_is_refused_with_the_remedy()
    {
        if (OperatingSystem.IsWindows())
            return;
        KeyFile.LoadOrCreate(KeyPath, new FakeTimeProvider());
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<KeyFileException>(() => KeyFile.Load(KeyPath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_reported() => Assert.Throws<KeyFileException>(() => KeyFile.Load(KeyPath));

    private static (string Id, DateTimeOffset Created, string Secret) Describe(EncryptionKey key) =>
        (key.Id, key.Created, Convert.ToHexString(key.Secret));

    private void WriteFile(string content)
    {
        File.WriteAllText(KeyPath, content);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
