// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Gateway.Users;

namespace Sealock.Tests.FrontDoor;

public sealed class PasswordTests
{
    private const int Few = 1_000;

    [Fact]
    public void A_hash_matches_its_password_alone_also_when_read_again()
    {
        var hash = PasswordHash.Create("correct horse battery", Few);
        var read = PasswordHash.Parse(hash.ToString() + "\n");
        Assert.NotNull(read);
        Assert.True(read.Matches("correct horse battery"));
        Assert.False(read.Matches("correct horse batterz"));
        Assert.False(read.Matches(""));
        Assert.NotEqual(hash.ToString(), PasswordHash.Create("correct horse battery", Few).ToString());
    }

    [Fact]
    public void Hashes_are_those_that_others_make() =>
        // As python's hashlib.pbkdf2_hmac('sha512', b'password', b'saltsaltsaltsalt', 1000, 32) has it.
        Assert.True(PasswordHash.Parse("pbkdf2-sha512:1000:c2FsdHNhbHRzYWx0c2FsdA==:715rqIr5dXOVPpBhqqsugl037zT5bWJTWYmZtIcK8hA=")?.Matches("password"));

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("pbkdf2-sha1:210000:c2FsdHNhbHRzYWx0c2FsdA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("pbkdf2-sha512:1:c2FsdHNhbHRzYWx0c2FsdA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("pbkdf2-sha512:2000000000:c2FsdHNhbHRzYWx0c2FsdA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("pbkdf2-sha512:210000:c2FsdA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("pbkdf2-sha512:210000:c2FsdHNhbHRzYWx0c2FsdA==:AAAA")]
    [InlineData("pbkdf2-sha512:210000:c2FsdHNhbHRzYWx0c2FsdA==")]
    public void What_is_no_hash_matches_nothing(string text) => Assert.Null(PasswordHash.Parse(text));

    [Theory]
    [InlineData("correct horse battery", true)]
    [InlineData("Ünïcödé wörds sind gut", true)]
    [InlineData("short", false)]
    [InlineData("elevenchars", false)]
    [InlineData("aaaaaaaaaaaaaaaa", false)]
    [InlineData("admin1234567", false)]
    [InlineData("twelve chars\u0001", false)]
    public void Passwords_are_long_and_no_names(string password, bool good) =>
        Assert.Equal(good, PasswordRules.Refuse(password, "admin") is null);

    [Fact]
    public void A_password_that_is_too_long_is_not_taken() => Assert.NotNull(PasswordRules.Refuse(new string('ü', 200), "admin"));

    [Fact]
    public async Task Users_without_a_password_are_refused_whatever_is_given()
    {
        using var passwords = new PasswordVerifier(Few);
        Assert.False(await passwords.VerifyAsync(null, "correct horse battery", CancellationToken.None));
        Assert.True(await passwords.VerifyAsync(
            await passwords.HashAsync("correct horse battery", CancellationToken.None), "correct horse battery", CancellationToken.None));
    }

    [Fact]
    public async Task Only_so_many_passwords_wait_to_be_checked()
    {
        using var passwords = new PasswordVerifier();
        var many = Enumerable.Range(0, 100).Select(_ => passwords.VerifyAsync(PasswordHash.Create("x", Few), "y", CancellationToken.None)).ToList();
        var outcomes = await Task.WhenAll(many.Select(async check =>
        {
            try
            {
                Assert.False(await check);
                return 401;
            }
            catch (ApiException refusal)
            {
                return refusal.Code;
            }
        }));
        Assert.All(outcomes, code => Assert.Contains(code, new[] { 401, 429 }));
        Assert.Contains(401, outcomes);
    }
}
