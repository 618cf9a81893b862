#pragma once

#include <string_view>

#include "adapters/venues/common/credentials.hpp"

/// Keys for tests of signatures; none of them opens anything.
namespace parallax::venue_common::testing {

/// Binance FIX documentation of 2026-07-21.
inline constexpr std::string_view kEd25519Pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u\n"
    "-----END PRIVATE KEY-----\n";

/// Of the same.
inline constexpr std::string_view kEd25519PublicPem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAGUIKv9dSpWXBViXp2m6vAIb8QMFJYBgyFEQsFJlqgA0=\n"
    "-----END PUBLIC KEY-----\n";

/// Made with "openssl genrsa 2048" for these tests.
inline constexpr std::string_view kRsaPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCecpPCKrL87Emi\n"
    "cv0RuPjwPuuSUMXSmIhZByrke/CAMaIboxfwGIyC91s9bZii5+LHY6COVzO7L28Y\n"
    "EqVBoHsl6j7eWry4MV0QCTeuSygY5Jr82/ZTC7yENzSXQ8sogsjvbCX2ughHu2tT\n"
    "rvGJBGSvIpXgxV1M+xBMmuORqiTGm49Us1+/+vWnV2vnfoUKn3h3npJD3eWLA3BR\n"
    "EPi0p0bh60fV9Tmv7kRLxfB5uYJ9gVcLQ9xL98F2GJbY/nom3TuGJ6KlQRCDl5gf\n"
    "ICzreXtyK6VaUS/upj3KaBO3hLDV2T6hoT4mfViMmERDyaAJ5JPm9oHeg2N+iwhk\n"
    "aQFa1ir7AgMBAAECggEAAp6bUcT585OGfiCPjYj02Kf5phAezSYHbw1eyKtB5SSs\n"
    "7O8L2MTXId0sDX5v3RWfWrOLdn77lHcqy4eXYtff4VcXlf6DCzqJstesK34DmjHB\n"
    "XDfYwTO6+KafAHc29yL+ZnLvx734oBL5qccFKEJB1eFo/+/TZI/sC5At/f0FoaDv\n"
    "GX7hX/8bRh++mxWaXwRwHNmJY24fariedKwEi/XJs8sQ6NmSwFNaSBKYk9Jf0Mie\n"
    "svcf694qpa+3e3pRBrc0bPc15nKtfSltm9Z/3Uklt1mrRAOIArMcYlBj+OrOg8gc\n"
    "315vpZHqPlwnL/a/iOQLtS7eYqG+yiUN73B7Y2aK0QKBgQDTEfyQYetYOCgcGGll\n"
    "eZimlP4zxwAjWBrVH1jlEnJfyqMT9ffQrDFS7cBuxQNb4hEyu22HDAb7FCsBRgj8\n"
    "YaWPwftUmszeMbJRQm0tchSlMCyevbQfxPxUJ4hJ0CWb1clCmZQSnk5CgwuMTIKS\n"
    "MB3F/WFI3aDDhz2UKSTV7iaQ8QKBgQDALPtb+lvd4cWk6DIx950OxnmQd4wpuPvw\n"
    "TSH+I142OQFkNlni9FsZ58vwax/Zi5+EsMAIOiGPuG9+X54R56iTRZ4Z59JdmHE0\n"
    "IkFr+TbDeYwNa6KcGVUSSuqW6iQHv4e81Uxecm6v5zJVacQo/TLBzvv8C5rRIu50\n"
    "O6Pmdgj6qwKBgHMThGLnsBtaCqw+tv/nSs3Pv8RVBANBHugBfkLuSsNlRII2gZUY\n"
    "vI+dJmR+L3WiDIRfYbjWWtv7Q/Mezvli95QoS7H18CpYaAMbt1CmuRDS8hDeFt2X\n"
    "VYdAQnMT891BssgH2Y5JFxv2PI6SjEHNz/3JRogmpWbVTkKAKCAnBonRAoGBAIJB\n"
    "uvoD/yKsti9pZyRxJlZudtVSAoIBLVsanPDJ/kCYcPYA1Po9EEbF03iY05S7y5q/\n"
    "xtmMtVTZ+VBZ9SVDtQJljJ0YgYEJI6nnkhpiaBkkmKY8D5LopL3qY4l5GITb8GAw\n"
    "3zuhKp82AOrd7qStwiqVZjzXjM82cxP7nMNHvBxTAoGBAIN2AkZJF5z9PIYA+LRb\n"
    "4hqxfwbuBPF1utzgwfc2XELA68fzKNCjlyIZEV9CSQH4BqSi1x2Mtklgiwg/LnaJ\n"
    "qR/joZ9cfvO9f5GBk85g9LljA6mt9wJqtTcMJYI46C9mB5U7EdbVEMdle4ut6uwv\n"
    "rQ1cr2uzQZ0dvdpy5/TQwIQO\n"
    "-----END PRIVATE KEY-----\n";

/// "openssl dgst -sha256 -sign" with that key over "GET/realtime1662350400000".
inline constexpr std::string_view kRsaOfRealtime =
    "fwOhb4hJLDhSwrIedWwud4rLhNxJ7zWCoca8wuCd7X8pXotvS2UjnVYxyDdh5uZh2rxGbOjBUjJkcRxOeEL4NcT4"
    "1alEvsZX9ey69ja8pKqLB2/af/8hDrW/pnYIWqIJ6SFpwyl2+Uub9dHUJA7fOQJvznmbw/mwdFkqxQA8D5v1gzuv"
    "UrCiTw2kylNE9lFNdMlbtha6azfc0XIgF3OKnRL6hsjnigmCt/MgjOSn3HCK4Y+u5vcyFNbXtAxGrlYEt/2nlcBZ"
    "G+Ft+WTcwfnuRiVqApigzmemM5UYNHhn7mqHgZo6FHa60r8YYjWT/ZWg7pPW1fSUdurRS7Wnaroddg==";

/// The same over the parameters of the Binance Ed25519 example.
inline constexpr std::string_view kRsaOfOrder =
    "OAsrtTo61pqDsba70icSjZ/unj3Etqt4oYWRkbZ/H6PXD6dmsADjfcaFGLGoTb9F6+mO0iRUWgA8GnrXIJ17dP6y"
    "wwl2upY+G3eXtcL2dvn2jEip3DN4lOrotVYC7214OCLOtnTVgV8lLnLUraG2BJQepJbjdETGrfL7AYdfUwye5Qcc"
    "+pIXLOUuKZCeZkE0qmEg0ahz2ip2mryazmXFk2lxHHpTJSrVOOVbtHsnSV/uQyGJpy053v+eLY3Q8N4PnC1X7nh4"
    "quTuJhwj9fD+29QgFmK1pNmSHFZC9bsNSHtrVhVV8DrZ+cxro0kX/NxUuW7DoU3WykZ9rpS5mWXqZQ==";

inline Credentials credentials(std::string_view api_key, std::string_view key,
                               std::string_view passphrase = {}) {
    return {std::string{api_key}, SigningKey::read(ports::Secret::copy_of(key)).value(),
            ports::Secret::copy_of(passphrase)};
}

}  // namespace parallax::venue_common::testing
